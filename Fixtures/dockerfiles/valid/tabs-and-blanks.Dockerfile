FROM	debian:12  	
RUN		echo  a	 b  
COPY  a	 b	 /c 
